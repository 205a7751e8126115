import { AwsQueryError, type QueryResult } from '../../wire/aws-query.js';
import { type Caller } from '../caller.js';
import { iamOperations } from '../iam-operations.js';
import { CUSTOMER, NOW, TwoAccounts } from './two-accounts.js';

/** IAM's operations as the query protocol calls them, the customer's root user calling unless another does. */
export class IamApi {
  readonly accounts = new TwoAccounts();
  readonly root = this.accounts.asRoot(CUSTOMER);

  call(Action: string, params: Record<string, string> = {}, caller: Caller = this.root): QueryResult {
    const operation = iamOperations[Action];
    if (operation === undefined) throw new Error(`no operation ${Action}`);
    return operation({
      caller,
      params: new URLSearchParams({ Action, Version: '2010-05-08', ...params }),
      now: NOW,
      state: this.accounts.state,
      requestId: 'a3f0c1de-0000-4000-8000-000000000000',
      region: 'us-east-1',
      sourceIp: '127.0.0.1',
    });
  }

  /** `<code> <status> <message>`, or `done`. */
  refusal(Action: string, params: Record<string, string> = {}, caller: Caller = this.root): string {
    try {
      this.call(Action, params, caller);
    } catch (error) {
      if (error instanceof AwsQueryError) return `${error.code} ${error.status} ${error.message}`;
      throw error;
    }
    return 'done';
  }
}
