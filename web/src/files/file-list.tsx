import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { Icon } from "../parts/icon.tsx";
import { Moment } from "../parts/moment.tsx";
import { bytesInWords } from "../parts/words.ts";
import type { FileLine } from "./use-folder.ts";

interface FileListProps {
  label: string;
  entries: readonly FileLine[];
  total: number;
  hasMore: boolean;
  onMore: () => void;
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
  onOpen: (entry: FileLine) => void;
  /** Whether it can be chosen; default: everything. */
  mayChoose?: (entry: FileLine) => boolean;
}

const ROW_PIXELS = 38;
const TEMPLATE = "2.2rem minmax(12rem, 1fr) 7rem 10rem";

/** Files and folders, of which the rows in sight are drawn, and the pages in sight are asked for. */
export function FileList({
  label,
  entries,
  total,
  hasMore,
  onMore,
  chosen,
  onChoose,
  onOpen,
  mayChoose = () => true,
}: FileListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: entries.length + (hasMore ? 1 : 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PIXELS,
    overscan: 15,
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? -1;
  useEffect(() => {
    if (hasMore && last >= entries.length - 30) onMore();
  }, [hasMore, last, entries.length, onMore]);
  const toggle = (id: string) => {
    const changed = new Set(chosen);
    if (!changed.delete(id)) changed.add(id);
    onChoose(changed);
  };
  const choosable = entries.filter(mayChoose);
  const areAll = choosable.length > 0 && choosable.every(({ id }) => chosen.has(id));
  return (
    <div className="table file-list" role="table" aria-label={label} aria-rowcount={total + 1} ref={scroller} tabIndex={0}>
      <div role="rowgroup" className="table-head">
        <div role="row" tabIndex={-1} style={{ gridTemplateColumns: TEMPLATE }} aria-rowindex={1}>
          <div role="columnheader" tabIndex={-1}>
            <input
              type="checkbox"
              aria-label="Choose all that are loaded"
              checked={areAll}
              onChange={() => onChoose(areAll ? new Set() : new Set(choosable.map(({ id }) => id)))}
            />
          </div>
          <div role="columnheader" tabIndex={-1}>
            Name
          </div>
          <div role="columnheader" tabIndex={-1} className="number">
            Size
          </div>
          <div role="columnheader" tabIndex={-1}>
            Changed
          </div>
        </div>
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {rows.map(({ index, start }) => {
          const entry = entries[index];
          const place = { gridTemplateColumns: TEMPLATE, transform: `translateY(${start}px)`, height: ROW_PIXELS };
          if (!entry)
            return (
              <div role="row" tabIndex={-1} key="more" style={place}>
                <div role="cell" className="muted">
                  …
                </div>
              </div>
            );
          return (
            <div role="row" tabIndex={-1} key={entry.id} aria-rowindex={index + 2} style={place}>
              <div role="cell">
                {mayChoose(entry) && (
                  <input
                    type="checkbox"
                    aria-label={`Choose ${entry.name}`}
                    checked={chosen.has(entry.id)}
                    onChange={() => toggle(entry.id)}
                  />
                )}
              </div>
              <div role="cell" className="row-name">
                <Icon of={entry.type} />
                <button type="button" className="link" title={entry.name} onClick={() => onOpen(entry)}>
                  {entry.name}
                </button>
                {entry.tags?.map((tag) => (
                  <span className="chip" key={tag}>
                    {tag}
                  </span>
                ))}
              </div>
              <div role="cell" className="number">
                {entry.type === "folder" ? "" : bytesInWords(entry.size)}
              </div>
              <div role="cell">{entry.modified_on ? <Moment at={entry.modified_on} /> : ""}</div>
            </div>
          );
        })}
      </div>
    </div>
  );
}
