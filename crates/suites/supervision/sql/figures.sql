SELECT department, department_name,
       count(*) FILTER (WHERE what = 'accepted') AS accepted,
       count(*) FILTER (WHERE what = 'open') AS open,
       count(*) FILTER (WHERE what = 'decided') AS decided,
       count(*) FILTER (WHERE what = 'on_time') AS on_time,
       count(*) FILTER (WHERE what = 'overdue') AS overdue,
       count(*) FILTER (WHERE what = 'notice') AS notice,
       count(*) FILTER (WHERE what = 'yellow') AS yellow,
       count(*) FILTER (WHERE what = 'red') AS red
FROM supervision.figure
WHERE at >= $1 AND at < $2 AND at <= $3
GROUP BY department, department_name
ORDER BY department_name, department
LIMIT 1000
