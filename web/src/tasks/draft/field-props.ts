import type { PortType } from "@causeway/contract/client";

/** What the field of a value is given, whatever the value's type. */
export interface FieldProps<Type = PortType> {
  id: string;
  /** For readers of the screen, where no label is beside it. */
  label: string;
  type: Type;
  value: unknown;
  onChange: (value: unknown) => void;
  formats: readonly string[];
  isWrong: boolean;
}
