/** Where an agent says what its operator should know. A pino logger is one. */
export interface AgentLog {
  warn(details: object, message: string): void;
}
