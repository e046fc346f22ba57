import { CliError, EXIT } from "../exit.ts";

/** An amount in USD, or another number that is not negative. @throws CliError */
export function dollars(option: string, text: string): number {
  const amount = Number(text);
  if (text.trim() === "" || !Number.isFinite(amount) || amount < 0)
    throw new CliError(`${option} takes a number from 0, not ${text}.`, { exit: EXIT.usage });
  return amount;
}
