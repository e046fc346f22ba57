import { useEffect, useState } from "react";

/** A picture out of bytes: the browser only ever takes them for one. */
export function ImagePreview({ bytes, type, name }: { bytes: Uint8Array; type: string; name: string }) {
  const [address, setAddress] = useState<string>();
  const [isBroken, setBroken] = useState(false);
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes as BlobPart], { type }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes, type]);
  if (isBroken) return <p className="muted">This is no picture that a browser can show: download it.</p>;
  return address === undefined ? null : <img className="picture" src={address} alt={name} onError={() => setBroken(true)} />;
}
