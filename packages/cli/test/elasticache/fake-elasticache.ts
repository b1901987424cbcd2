import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeAccount } from './fake-account';
import { ACTIONS, type Form } from './fake-actions';
import { ServiceFault } from './service-fault';
import { toXml, type XmlObject } from './xml';

export interface RecordedRequest {
  readonly action: string;
  readonly form: Form;
  /** The region that it was signed for. */
  readonly region: string;
}

const NAMESPACE = 'http://elasticache.amazonaws.com/doc/2015-02-02/';

/**
 * A local server that speaks ElastiCache's query protocol (forms in, XML out) about an account of its own, so that the
 * real SDK can be used against it: signing, retries, paging and errors included.
 */
export class FakeElastiCache implements AsyncDisposable {
  readonly account = new FakeAccount();
  readonly requests: RecordedRequest[] = [];
  /** How many things a description gives at once. */
  pageSize = 100;
  readonly #faults: { action: string; fault: ServiceFault; times: number }[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<FakeElastiCache> {
    const fake = new FakeElastiCache();
    await new Promise<void>(resolve => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What was asked for that changes something, in order. */
  get changes(): string[] {
    return this.requests.map(({ action }) => action).filter(action => !action.startsWith('Describe'));
  }

  asked(action: string): RecordedRequest[] {
    return this.requests.filter(request => request.action === action);
  }

  /** The next requests for an action fail. */
  fail(action: string, code: string, message: string, { status = 400, times = Infinity } = {}): void {
    this.#faults.push({ action, fault: new ServiceFault(code, message, status), times });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece as string;
    const form = new Map(new URLSearchParams(body));
    const action = form.get('Action') ?? '';
    const [, region = ''] =
      /Credential=[^/]+\/\d+\/([^/]+)\/elasticache\//.exec(request.headers.authorization ?? '') ?? [];
    this.requests.push({ action, form, region });
    try {
      this.#failIfTold(action);
      const result = this.#perform(action, form);
      const answer = { [`${action}Result`]: result, ResponseMetadata: { RequestId: 'request' } };
      send(response, 200, `<${action}Response xmlns="${NAMESPACE}">${toXml(answer)}</${action}Response>`);
    } catch (error) {
      if (!(error instanceof ServiceFault)) throw error;
      const { code, message, status } = error;
      const told = { Error: { Type: 'Sender', Code: code, Message: message }, RequestId: 'request' };
      send(response, status, `<ErrorResponse xmlns="${NAMESPACE}">${toXml(told)}</ErrorResponse>`);
    }
  }

  #failIfTold(action: string): void {
    const told = this.#faults.find(fault => fault.action === action && fault.times > 0);
    if (told === undefined) return;
    told.times--;
    throw told.fault;
  }

  #perform(action: string, form: Form): XmlObject {
    const perform = ACTIONS[action];
    if (perform === undefined) throw new ServiceFault('InvalidAction', `Could not find operation ${action}`);
    return perform(this.account, form, this.pageSize);
  }
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/xml', 'x-amzn-requestid': 'request' }).end(body);
}
