export const MAIN_REGION = 'us-east-2';
export const REPLICA_REGION = 'us-west-2';
