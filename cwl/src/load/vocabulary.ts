/** CWL's own names, written whole or with the prefix that stands for them (schema-salad §Vocabulary resolution). */
const OWN =
  /^(?:https:\/\/w3id\.org\/cwl\/(?:cwl|salad)#|http:\/\/www\.w3\.org\/2001\/XMLSchema#|cwl:|sld:|xsd:)(?=[A-Za-z][\w.]*$)/;

/** `Workflow` of `cwl:Workflow` and of `https://w3id.org/cwl/cwl#Workflow`; `int` of `xsd:int`. Other names stay. */
export const ownName = (written: string): string => written.replace(OWN, "");
