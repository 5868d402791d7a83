-- How many ratings an item has, and their mean in tenths.
SELECT count(*), round(avg(score) * 10)::bigint
FROM service.rating
WHERE item = $1
