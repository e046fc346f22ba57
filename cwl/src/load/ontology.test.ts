import assert from "node:assert/strict";
import { test } from "node:test";
import { closure, readOntology } from "./ontology.ts";

const RDF_XML = `<?xml version="1.0"?>
<!DOCTYPE rdf:RDF [<!ENTITY f "http://formats.org/">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#"
  xmlns:owl="http://www.w3.org/2002/07/owl#" xml:base="http://formats.org/all">
  <!-- <owl:Class rdf:about="no"><rdfs:subClassOf rdf:resource="no"/></owl:Class> -->
  <owl:Class rdf:about="&f;bam">
    <rdfs:subClassOf rdf:resource="http://formats.org/binary"/>
    <rdfs:subClassOf><owl:Restriction><owl:onProperty rdf:resource="&f;made_by"/></owl:Restriction></rdfs:subClassOf>
    <rdfs:subClassOf><owl:Class rdf:about="&f;alignment"/></rdfs:subClassOf>
  </owl:Class>
  <owl:Class rdf:ID="gzip"><owl:equivalentClass rdf:resource="&f;binary"/></owl:Class>
</rdf:RDF>`;

test("classes above a class are found in RDF/XML, restrictions and comments aside", () => {
  assert.deepEqual(
    readOntology(RDF_XML),
    new Map([
      ["http://formats.org/bam", new Set(["http://formats.org/binary", "http://formats.org/alignment"])],
      ["http://formats.org/all#gzip", new Set(["http://formats.org/binary"])],
      ["http://formats.org/binary", new Set(["http://formats.org/all#gzip"])],
    ]),
  );
});

test("classes above a class are found in Turtle, in all its shorthands", () => {
  const relations = readOntology(`@prefix f: <http://formats.org/> . # a comment
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
@prefix owl: <http://www.w3.org/2002/07/owl#> .
f:bam a owl:Class ; rdfs:label "f:x rdfs:subClassOf f:y ." ; rdfs:subClassOf f:binary , <http://formats.org/alignment> ,
  [ a owl:Restriction ; rdfs:subClassOf f:never ] .
f:gzip owl:equivalentClass f:binary .`);
  assert.deepEqual(
    relations.get("http://formats.org/bam"),
    new Set(["http://formats.org/binary", "http://formats.org/alignment"]),
  );
  assert.deepEqual(relations.get("http://formats.org/binary"), new Set(["http://formats.org/gzip"]));
  assert.equal(relations.size, 3);
});

test("the closure goes all the way up, through circles, to the classes that are asked for", () => {
  const relations = new Map([
    ["a", new Set(["b"])],
    ["b", new Set(["c"])],
    ["c", new Set(["b", "d"])],
  ]);
  assert.deepEqual(closure(relations, new Set(["d"])), { c: ["d"], b: ["d"], a: ["d"] });
  assert.deepEqual(closure(relations).a, ["b", "c", "d"]);
});
