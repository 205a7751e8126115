import { Signal } from '#telemetry';

export type DeliveryChannel = 'webhook' | 'email';

/** Each attempt that this process has made. */
export const deliveryEnds = new Signal<{ channel: DeliveryChannel; outcome: 'delivered' | 'again' | 'given_up' }>();
