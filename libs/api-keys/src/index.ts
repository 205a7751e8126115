export { ApiKeyError, type ApiKeyErrorCode } from './api-key-error.js';
export { findApiKey, listApiKeys } from './api-key-store.js';
export { type ApiKeyView, apiKeyView } from './api-key-view.js';
export { type ApiKeyRequest, CreateApiKey, type CreatedApiKey } from './create-api-key.js';
export { HandOut } from './hand-out.js';
export { KeyUses } from './key-uses.js';
export { RevokeApiKey } from './revoke-api-key.js';
