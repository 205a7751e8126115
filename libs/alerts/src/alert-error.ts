export type AlertErrorCode =
  | 'webhook_not_found'
  | 'webhook_limit'
  /** Nothing may be sent there; `cause` and `remedy` tell why. Nothing was stored. */
  | 'webhook_url_rejected'
  | 'webhook_disabled'
  | 'delivery_not_found'
  /** It is still being tried. */
  | 'delivery_waiting';

export interface AlertErrorFacts {
  cause?: string;
  remedy?: string;
}

export class AlertError extends Error {
  override readonly name = 'AlertError';
  constructor(
    readonly code: AlertErrorCode,
    readonly facts: Readonly<AlertErrorFacts> = {},
    options?: ErrorOptions,
  ) {
    super(code, options);
  }
}
