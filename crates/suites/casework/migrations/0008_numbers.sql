-- Numbers of cases run in the common series.
INSERT INTO db.series (name, last) SELECT 'casework/' || scope, last FROM casework.counter WHERE last > 0;
DROP TABLE casework.counter;
