// Where docker-compose.yml puts things. API, worker and tools share the network of the sandbox, which listens on its own
// loopback only.
export const STATE = '/state';
export const API_PORT = 8420;
/** On that loopback too: for a Prometheus in the same network, and published nowhere. */
export const METRICS_PORTS = { api: 8423, worker: 8424 };
export const API_URL = `http://127.0.0.1:${API_PORT}`;
export const SANDBOX_URL = 'http://127.0.0.1:8421';
export const POSTGRES_PASSWORD_FILE = '/run/secrets/postgres_password';
export const settingsFolderOf = (service) => `/settings/${service}`;
