import { useAppView } from "../../apps/use-app-view.ts";
import { PortValue } from "./port-value.tsx";

interface PortValuesProps {
  /** `owner/project/name/revision` */
  app: string;
  of: "inputs" | "outputs";
  values: Readonly<Record<string, unknown>>;
}

/** What a task was given, or what came out, by port. */
export function PortValues({ app, of, values }: PortValuesProps) {
  const { data: view } = useAppView(app);
  const ports = new Map(view?.[of].map((port) => [port.id, port]));
  const ids = Object.keys(values);
  if (ids.length === 0) return <p className="muted">There are none.</p>;
  return (
    <dl className="ports">
      {ids.map((id) => {
        const label = ports.get(id)?.label ?? id;
        return (
          <div key={id}>
            <dt>
              {label} {label !== id && <code>{id}</code>}
            </dt>
            <dd>
              <PortValue value={values[id]} previews={of === "outputs"} />
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
