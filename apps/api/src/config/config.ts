import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { IsOptional, Matches, validateSync } from 'class-validator';
import { type Given, IsOrigin, OriginList, ProcessSettings, UNSET_AWS_SETTINGS, WholeNumber, must, awsProblems } from '#settings';

/** What may be known to everybody. Each property is the variable KEYHOLD_ with its name behind it: `mainRegion` is KEYHOLD_MAIN_REGION. */
export class Config extends ProcessSettings {
  @WholeNumber(0, 65_535)
  port = 8420;

  @Matches(/^[\w.:-]{1,253}$/, must('the address to listen on'))
  host = '127.0.0.1';

  /** Where browsers reach this server, and identity providers send people back to. Without it, this machine's own address. */
  @IsOptional()
  @IsOrigin('the https address at which browsers reach this service, without a path')
  publicUrl?: string;

  /** Identity providers on the operator's own network. All others must be at public addresses. */
  @OriginList('up to 20 https origins of identity providers, such as https://login.internal.example, with commas between them')
  privateIssuerOrigins: readonly string[] = [];

  /** Behind `<workspace id>.` it is the host of a workspace, for clients of Cerberus that know nothing but a host. */
  @IsOptional()
  @Matches(/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/, must('a host name in lower case, such as vault.example.com'))
  workspaceHostSuffix?: string;

  /** Proxies in front of this server, each of which appends to X-Forwarded-For. */
  @WholeNumber(0, 10)
  trustedProxyHops = 0;

  /** Connections to PostgreSQL. */
  @WholeNumber(1, 200)
  databasePool = 8;

  /** How long a customer's fresh set-up may still spread in AWS before a refusal counts. */
  @WholeNumber(0, 300)
  registrationSettleSeconds = 0;

  /** Failed tries to prove who one is, in 5 minutes, from one address (IPv6: from one /64), by each way in. */
  @WholeNumber(1, 10_000)
  triesPerAddress = 100;

  /** The same into one workspace, whoever tries. */
  @WholeNumber(1, 10_000)
  triesPerWorkspace = 1_000;

  /** Of one workspace on all nodes together, as it can go on for ever. */
  @WholeNumber(1, 1_000_000)
  requestsPerSecond = 500;

  /** Of one workspace on all nodes together, all at once. */
  @WholeNumber(1, 10_000_000)
  requestsBurst = 1_000;

  /** Of one workspace on each node, under way at the same time. */
  @WholeNumber(1, 100_000)
  requestsAtOnce = 64;

  /** In the bodies of one workspace's requests on all nodes together; a megabyte is 1,048,576 bytes. */
  @WholeNumber(16, 1_000_000)
  megabytesPerMinute = 256;

  /** Boxes that a workspace may have. */
  @WholeNumber(1, 100_000)
  boxesPerWorkspace = 1_000;
}

export const CONFIG_PROPERTIES: ReadonlySet<string> = new Set([
  ...Object.keys(new Config()),
  ...UNSET_AWS_SETTINGS,
  'publicUrl',
  'workspaceHostSuffix',
] satisfies (keyof Config)[] | string[]);

/** The origin at which browsers reach this service. */
export const publicUrlOf = ({ publicUrl, port }: Config): string => publicUrl ?? `http://127.0.0.1:${port}`;

/** The configuration in `given`, by property, and a sentence for everything that is wrong with it. */
export function readConfig(given: Given): { config: Readonly<Config>; problems: string[] } {
  const own = Object.entries(given).filter(([property]) => CONFIG_PROPERTIES.has(property));
  const config = plainToInstance(Config, Object.fromEntries(own));
  const errors = validateSync(config, { stopAtFirstError: true });
  const problems = errors.flatMap(({ constraints = {} }) => Object.values(constraints));
  problems.push(...awsProblems(config));
  if (config.requestsBurst < config.requestsPerSecond)
    problems.push('KEYHOLD_REQUESTS_BURST must not be below KEYHOLD_REQUESTS_PER_SECOND.');
  return { config: Object.freeze(config), problems };
}
