import type { GraphNode } from "@causeway/contract/client";
import { memo } from "react";
import { progressInWords, type StepProgress, stateOf } from "./step-progress.ts";

interface GraphBoxProps {
  node: GraphNode;
  at: { x: number; y: number; width: number; height: number };
  progress: StepProgress | undefined;
  isOpen: boolean;
  isChosen: boolean;
  onChoose: ((step: string | undefined) => void) | undefined;
  onToggle: ((id: string) => void) | undefined;
}

/** Letters of the usual size that fit into a pixel of a box. */
const LETTERS_A_PIXEL = 1 / 7.4;

/** A step, a port, or the frame of a workflow that is open. */
export const GraphBox = memo(function GraphBox({ node, at, progress, isOpen, isChosen, onChoose, onToggle }: GraphBoxProps) {
  const { id, kind, label, scattered, conditional } = node;
  const left = at.x - at.width / 2;
  const top = at.y - at.height / 2;
  const isStep = kind === "step";
  const state = isStep ? stateOf(progress) : "port";
  const words = isStep && onChoose ? progressInWords(progress) : scattered ? "for each of many" : conditional ? "only when" : "";
  const choose = () => onChoose?.(isChosen ? undefined : id);
  const done = progress && progress.total > 1 ? progress.done / progress.total : undefined;
  const body = (
    <>
      <title>{words === "" ? label : `${label}: ${words}`}</title>
      {scattered && !isOpen && <rect className="behind" x={5} y={-5} width={at.width} height={at.height} rx={9} />}
      <rect className="body" width={at.width} height={at.height} rx={isStep ? 9 : at.height / 2} />
      {done !== undefined && !isOpen && <rect className="done" y={at.height - 4} width={at.width * done} height={4} rx={2} />}
      <text x={12} y={isOpen || words !== "" ? 20 : at.height / 2 + 5}>
        {cut(label, (at.width - (onToggle ? 44 : 22)) * LETTERS_A_PIXEL)}
      </text>
      {!isOpen && words !== "" && (
        <text className="words" x={12} y={38}>
          {cut(words, (at.width - 18) * LETTERS_A_PIXEL * 1.15)}
        </text>
      )}
    </>
  );
  return (
    <g
      transform={`translate(${left} ${top})`}
      className={`node ${kind} ${state} ${isOpen ? "frame" : ""} ${isChosen ? "chosen" : ""}`}
    >
      {isStep && onChoose ? (
        <g
          role="button"
          tabIndex={0}
          aria-pressed={isChosen}
          onClick={choose}
          onKeyDown={(event) => {
            if (event.key !== "Enter" && event.key !== " ") return;
            event.preventDefault();
            choose();
          }}
        >
          {body}
        </g>
      ) : (
        body
      )}
      {onToggle && (
        <g
          className="toggle"
          role="button"
          tabIndex={0}
          aria-expanded={isOpen}
          transform={`translate(${at.width - 26} 8)`}
          onClick={() => onToggle(id)}
          onKeyDown={(event) => {
            if (event.key === "Enter" || event.key === " ") onToggle(id);
          }}
        >
          <title>{`${isOpen ? "Close" : "Open"} the workflow ${label}`}</title>
          <rect width={18} height={18} rx={4} />
          <path d={isOpen ? "M4 9h10" : "M4 9h10M9 4v10"} />
        </g>
      )}
    </g>
  );
});

const cut = (text: string, letters: number): string =>
  text.length > letters ? `${text.slice(0, Math.max(1, Math.floor(letters) - 1))}…` : text;
