import { IsIn, Matches } from 'class-validator';
import { AwsSettings } from './aws-settings.js';
import { LOG_LEVELS, type LogLevel } from './log-levels.js';
import { OriginList, WholeNumber, must } from './setting-rules.js';

/** What every process is told. */
export class ProcessSettings extends AwsSettings {
  @IsIn(LOG_LEVELS, must(`one of ${LOG_LEVELS.join(', ')}`))
  logLevel: LogLevel = 'info';

  /** Where Prometheus finds `/metrics` of this process; 0 for nowhere. Never the port that the public reaches. */
  @WholeNumber(0, 65_535)
  metricsPort = 0;

  @Matches(/^[\w.:-]{1,253}$/, must('the address to serve metrics on'))
  metricsHost = '127.0.0.1';

  /** Receivers of webhooks on the operator's own network. All others must be at public addresses. */
  @OriginList('up to 20 https origins of webhook receivers, such as https://alerts.internal.example, with commas between them')
  privateWebhookOrigins: readonly string[] = [];
}
