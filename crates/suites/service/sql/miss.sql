-- A search that found nothing, counted by its words; never who searched.
INSERT INTO service.miss (day, query) VALUES ($1, $2)
ON CONFLICT (day, query) DO UPDATE SET times = service.miss.times + 1
