import type { PortType } from "@causeway/contract/client";
import { type ComponentType, useState } from "react";
import { FilePicker } from "../../files/file-picker.tsx";
import { entryValue } from "./entry-field.tsx";
import type { FieldProps } from "./field-props.ts";
import { useForm } from "./form-context.ts";
import { emptyOf, formType } from "./types.ts";

interface ListFieldProps extends Omit<FieldProps, "type"> {
  items: PortType;
  /** The field of one item. */
  Item: ComponentType<FieldProps>;
  isOptional: boolean;
}

/** A list: items that are added, changed and taken out. Files are picked many at once. */
export function ListField({ id, label, value, onChange, items, Item, formats, isWrong, isOptional }: ListFieldProps) {
  const { project } = useForm();
  const [isPicking, setPicking] = useState(false);
  const list = Array.isArray(value) ? value : [];
  const { choices } = formType(items);
  const areFiles = choices.length === 1 && choices[0] === "File";
  const set = (changed: unknown[]) => onChange(changed.length === 0 && isOptional ? null : changed);
  return (
    <>
      <ul className="values">
        {list.map((item, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an item has no other name
          <li className="item" key={index}>
            <Item
              id={`${id}-${index}`}
              label={`${label}, item ${index + 1}`}
              type={items}
              value={item}
              onChange={(changed) => set(list.with(index, changed))}
              formats={formats}
              isWrong={isWrong}
            />
            <button
              type="button"
              className="small"
              aria-label={`Remove item ${index + 1} of ${label}`}
              onClick={() => set(list.toSpliced(index, 1))}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      <button type="button" id={id} onClick={() => (areFiles ? setPicking(true) : set([...list, emptyOf(items)]))}>
        {areFiles ? "Choose files" : "Add an item"}
        <span className="hidden"> of {label}</span>
      </button>
      {isPicking && (
        <FilePicker
          title={`Files for ${label}`}
          project={project}
          picks="files"
          formats={formats}
          onClose={() => setPicking(false)}
          onPick={(picked) => {
            const known = new Set(list.map((item) => (item as { path?: string } | null)?.path));
            set([...list, ...picked.filter(({ id: file }) => !known.has(file)).map((file) => entryValue("File", file))]);
            setPicking(false);
          }}
        />
      )}
    </>
  );
}
