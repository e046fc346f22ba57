/** Separated values as a table; the first row names the columns. */
export function TablePreview({ rows, isWhole, name }: { rows: string[][]; isWhole: boolean; name: string }) {
  const [head = [], ...body] = rows;
  return (
    <figure className="table-preview">
      <section className="scroll" tabIndex={0} aria-label={`Table of ${name}`}>
        <table>
          <thead>
            <tr>
              {head.map((title, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other name that is theirs alone
                <th scope="col" key={index}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {body.map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name
              <tr key={index}>
                {row.map((value, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above
                  <td key={column}>{value}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {(!isWhole || rows.length >= 1000) && <figcaption className="muted">The first {body.length} rows.</figcaption>}
    </figure>
  );
}
