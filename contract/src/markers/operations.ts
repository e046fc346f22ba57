import { Type } from "typebox";
import { FileId } from "../forms.ts";
import { operation } from "../operation.ts";
import { CreateMarker, Marker, UpdateMarker } from "./shapes.ts";

const MarkerPath = Type.Object({ marker: Type.String({ description: "The marker's id." }) });
const markerErrors = ["notFound", "fileForbidden"] as const;

export const listMarkers = operation({
  id: "listMarkers",
  method: "GET",
  path: "/genome/markers",
  tag: "markers",
  summary: "List the markers of a file",
  query: Type.Object({ file: FileId("The file.") }),
  status: 200,
  reply: Marker,
  list: { fields: "all" },
  refusals: { "query/file": "fileNotFound", "query/file#missing": "badRequest" },
  errors: ["badRequest", "fileForbidden", "fileNotFound"],
});

export const createMarker = operation({
  id: "createMarker",
  method: "POST",
  path: "/genome/markers",
  tag: "markers",
  summary: "Mark a place on a genome",
  body: CreateMarker,
  status: 200,
  reply: Marker,
  errors: ["fileForbidden", "fileNotFound"],
});

export const getMarker = operation({
  id: "getMarker",
  method: "GET",
  path: "/genome/markers/{marker}",
  tag: "markers",
  summary: "Get a marker",
  params: MarkerPath,
  status: 200,
  reply: Marker,
  errors: markerErrors,
});

export const updateMarker = operation({
  id: "updateMarker",
  method: "PATCH",
  path: "/genome/markers/{marker}",
  tag: "markers",
  summary: "Change a marker",
  params: MarkerPath,
  body: UpdateMarker,
  status: 200,
  reply: Marker,
  errors: markerErrors,
});

export const deleteMarker = operation({
  id: "deleteMarker",
  method: "DELETE",
  path: "/genome/markers/{marker}",
  tag: "markers",
  summary: "Delete a marker",
  params: MarkerPath,
  status: 204,
  errors: markerErrors,
});
