export { addDeploymentGauges } from './deployment-gauges.js';
export { Metrics, type AnsweredRequest } from './metrics.js';
export { MetricsServer, type MetricsAddress } from './metrics-server.js';
