import { ElastiCacheError } from './errors';
import type { Service } from './service';
import type { ServiceCall } from './service-call';

/**
 * Makes the calls one after the other. When one fails, a parameter group that was made before is deleted again, so that
 * a second attempt begins as the first one did; if that fails too, the error says that it was left. Ctrl-C is such a
 * failure, between two calls.
 */
export async function apply(
  service: Service,
  calls: readonly ServiceCall[],
  onCall: (call: ServiceCall) => void = () => undefined
): Promise<void> {
  let created: string | undefined;
  for (const call of calls) {
    try {
      service.throwIfAborted();
      onCall(call);
      await service.make(call);
    } catch (error) {
      throw created === undefined ? error : await withoutGroup(service, created, error, onCall);
    }
    if (call.operation === 'CreateCacheParameterGroup') created = call.input.CacheParameterGroupName;
  }
}

/** Takes the group back. @returns the error to tell */
async function withoutGroup(
  service: Service,
  name: string,
  error: unknown,
  onCall: (call: ServiceCall) => void
): Promise<unknown> {
  const call: ServiceCall = { operation: 'DeleteCacheParameterGroup', input: { CacheParameterGroupName: name } };
  onCall(call);
  try {
    await service.make(call);
    return error;
  } catch (cause) {
    if (!(error instanceof ElastiCacheError && cause instanceof ElastiCacheError)) return error;
    const { code, message, remedy } = error;
    return new ElastiCacheError(
      code,
      `${message.replace(/\.$/, '')}; parameter group ${name} is left: ${cause.message}`,
      {
        remedy,
        cause: error
      }
    );
  }
}
