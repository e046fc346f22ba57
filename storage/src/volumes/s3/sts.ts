import { ServiceHttp } from "../net/service-http.ts";
import type { VolumeConnection } from "../volume-connection.ts";
import { VolumeError } from "../volume-errors.ts";
import { asS3Fault } from "./s3-faults.ts";
import { sdkHandler } from "./s3-handler.ts";
import { endpointUrl, type S3KeyPair, type S3Role } from "./s3-settings.ts";

const SESSION_NAME = "causeway-volume";

/** Key pairs that expire, of a role; the SDK asks for the next a while before. Throws `RoleRefused`. */
export function assumedRole(
  role: S3Role,
  { connection, region }: { connection: VolumeConnection; region: string },
): () => Promise<S3KeyPair & { expiration?: Date }> {
  const endpoint = role.stsEndpoint === undefined ? undefined : endpointUrl(role.stsEndpoint);
  return async () => {
    // Only who uses roles loads it.
    const { AssumeRoleCommand, STSClient } = await import("@aws-sdk/client-sts");
    const http = new ServiceHttp({ ...connection, hosts: [endpoint ?? new URL("https://amazonaws.com")] });
    const client = new STSClient({
      region,
      ...(endpoint ? { endpoint: endpoint.origin } : {}),
      credentials: role.as,
      requestHandler: sdkHandler(http, { bytes: false }) as never,
      maxAttempts: 1,
    });
    try {
      const { Credentials } = await client.send(
        new AssumeRoleCommand({ RoleArn: role.roleArn, ExternalId: role.externalId, RoleSessionName: SESSION_NAME }),
      );
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
      if (!AccessKeyId || !SecretAccessKey) throw new VolumeError("BadAnswer", { detail: "a role has no keys" });
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
        ...(Expiration ? { expiration: Expiration } : {}),
      };
    } catch (error) {
      const fault = asS3Fault(error, "signIn");
      const answered = fault.status !== undefined && fault.status >= 400 && fault.status < 500 && fault.fault !== "Throttled";
      throw answered ? fault.of("signIn", "RoleRefused") : fault;
    } finally {
      http.close();
    }
  };
}
