SELECT count(*) FROM page
