import { ApiError } from "../../http/errors.ts";
import type { Credentials, GivenService } from "./service-shape.ts";

/** A service whose properties are in order, and whose blank and absent texts are gone; the rest is the type's to check. */
export interface Draft extends Omit<GivenService, "credentials" | "properties"> {
  credentials: Credentials;
  properties: Record<string, unknown>;
}

/** @throws ApiError `volumeServiceInvalid` when it is not there */
export function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new ApiError("volumeServiceInvalid", `\`service.${name}\` is missing.`);
  return value;
}

/** Ids are header values and parts of addresses: visible ASCII in one line. */
export const isPlain = (text: string): boolean => /^[\x21-\x7e]+$/.test(text);

/** Secrets sign or are sent in a form: they may have blanks within, which were typed by mistake at either end. */
const isPlainSecret = (text: string): boolean => /^[\x20-\x7e]+$/.test(text) && text.trim() === text;

/** Whether exactly these keys are there, and are texts that can be sent. */
export function consistsOf(credentials: Credentials, keys: readonly (keyof Credentials)[]): boolean {
  return (
    Object.keys(credentials).length === keys.length &&
    keys.every((key) => {
      const text = credentials[key];
      return text !== undefined && (key.includes("secret") ? isPlainSecret : isPlain)(text);
    })
  );
}
