// Package style checks the language of comments, docs, help texts, texts for
// people and commit subjects. CONTRIBUTING.md describes the rules.
package style
