-- Numbers of papers run in the common series.
INSERT INTO db.series (name, last) SELECT 'document/' || kind || '/' || scope, last FROM document.counter WHERE last > 0;
DROP TABLE document.counter;
