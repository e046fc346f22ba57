/**
 * Sets a key of an object whose keys are any text that a document, a command or a person chose: `__proto__` is one like
 * others, where an assignment would set the prototype and lose the value.
 */
export function setKey<T>(object: { [key: string]: T }, key: string, value: T): void {
  if (key !== "__proto__") object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/**
 * Whether every object has something of that name: an input, output, step or field that is called so would be found where
 * there is none.
 */
export const isOfEveryObject = (name: string): boolean => name in {};
