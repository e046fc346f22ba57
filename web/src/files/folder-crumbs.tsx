import { useQuery } from "@tanstack/react-query";
import { api } from "../api/client.ts";

interface FolderCrumbsProps {
  folder: string;
  root: string;
  onOpen: (folder: string) => void;
}

/** The folders from the project's top to this one. */
export function FolderCrumbs({ folder, root, onOpen }: FolderCrumbsProps) {
  const { data: path = [] } = useQuery({
    queryKey: ["folder-path", folder],
    queryFn: async () => {
      const found: { id: string; name: string }[] = [];
      for (let id: string | undefined = folder; id !== undefined && id !== root; ) {
        const { name, parent } = (await api.getFile({ file: id, fields: ["id", "name", "parent"] })) as {
          name: string;
          parent?: string;
        };
        found.unshift({ id, name });
        id = parent;
      }
      return found;
    },
  });
  return (
    <nav aria-label="Folder" className="crumbs">
      <button type="button" className="link" onClick={() => onOpen(root)}>
        All files
      </button>
      {path.map(({ id, name }) => (
        <span key={id}>
          {" / "}
          {id === folder ? (
            <span aria-current="page">{name}</span>
          ) : (
            <button type="button" className="link" onClick={() => onOpen(id)}>
              {name}
            </button>
          )}
        </span>
      ))}
    </nav>
  );
}
