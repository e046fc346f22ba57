import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useMemo, useRef, useState } from "react";

export interface Column<Row> {
  id: string;
  title: string;
  /** Of the grid: `8rem`, `minmax(10rem, 2fr)`. */
  width: string;
  /** What it is sorted by; absent: it is not. */
  by?: (row: Row) => string | number;
  show: (row: Row) => ReactNode;
  isNumber?: boolean;
  /** The column by which a row is known: it opens the row. */
  isName?: boolean;
}

interface DataTableProps<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
  onOpen?: (row: Row) => void;
  empty: string;
}

const ROW_PIXELS = 36;

/** A table that draws the rows in sight alone. */
export function DataTable<Row>({ label, rows, columns, keyOf, onOpen, empty }: DataTableProps<Row>) {
  const [order, setOrder] = useState<{ id: string; descending: boolean }>();
  const sorted = useMemo(() => {
    const by = columns.find(({ id }) => id === order?.id)?.by;
    if (!by) return rows;
    const direction = order!.descending ? -1 : 1;
    return [...rows].sort((a, b) => (by(a) < by(b) ? -direction : by(a) > by(b) ? direction : 0));
  }, [rows, columns, order]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PIXELS,
    overscan: 12,
  });
  const template = columns.map(({ width }) => width).join(" ");
  const sortBy = (id: string) =>
    setOrder((now) => (now?.id === id ? { id, descending: !now.descending } : { id, descending: false }));
  return (
    <div className="table" role="table" aria-label={label} aria-rowcount={sorted.length + 1} ref={scroller} tabIndex={0}>
      <div role="rowgroup" className="table-head">
        <div role="row" tabIndex={-1} style={{ gridTemplateColumns: template }} aria-rowindex={1}>
          {columns.map(({ id, title, by, isNumber }) => (
            <div
              role="columnheader"
              tabIndex={-1}
              key={id}
              className={isNumber ? "number" : ""}
              aria-sort={order?.id === id ? (order.descending ? "descending" : "ascending") : undefined}
            >
              {by ? (
                <button type="button" className="quiet" onClick={() => sortBy(id)}>
                  {title}
                  {order?.id === id && <span aria-hidden="true">{order.descending ? " ↓" : " ↑"}</span>}
                </button>
              ) : (
                title
              )}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = sorted[index]!;
          return (
            <div
              role="row"
              tabIndex={-1}
              key={keyOf(row)}
              aria-rowindex={index + 2}
              style={{ gridTemplateColumns: template, transform: `translateY(${start}px)`, height: ROW_PIXELS }}
            >
              {columns.map(({ id, show, isNumber, isName }) => (
                <div role="cell" key={id} className={isNumber ? "number" : ""}>
                  {isName && onOpen ? (
                    <button type="button" className="link" onClick={() => onOpen(row)}>
                      {show(row)}
                    </button>
                  ) : (
                    show(row)
                  )}
                </div>
              ))}
            </div>
          );
        })}
      </div>
      {sorted.length === 0 && <p className="muted pad">{empty}</p>}
    </div>
  );
}
