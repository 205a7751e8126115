import { declareRoute } from '../http/route-config.js';

/** A route of the Cerberus API that lets everybody in, ignores its body whatever it is, and fails in Cerberus's own words. */
export const AsCerberus = (): MethodDecorator => declareRoute({ access: { public: true }, ignoresBody: true, failsAs: 'cerberus' });
