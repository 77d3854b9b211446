-- SQLite's own: the index of terms, of which PostgreSQL's would be a tsvector column and a GIN index. See src/fulltext.rs.
--
-- The rows have no content, only terms: the words of an alert or case, and for each of the fields that lists are filtered by
-- a term that nobody can write. Their number is the place of the row that they are of. They are filled when the store is
-- opened.

CREATE VIRTUAL TABLE alert_terms USING fts5 (
    terms, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', prefix = '2');
CREATE VIRTUAL TABLE case_terms USING fts5 (
    terms, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', prefix = '2');

CREATE TRIGGER alert_terms_gone AFTER DELETE ON alerts
BEGIN
    DELETE FROM alert_terms WHERE rowid = old.place;
END;
CREATE TRIGGER case_terms_gone AFTER DELETE ON cases
BEGIN
    DELETE FROM case_terms WHERE rowid = old.place;
END;
