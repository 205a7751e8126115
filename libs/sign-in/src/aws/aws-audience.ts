/** The value of `X-Keyhold-Audience`: this deployment and no copy of it, this workspace and no other. */
export const awsAudience = (deploymentId: string, workspaceId: string): string => `${deploymentId};${workspaceId}`;
