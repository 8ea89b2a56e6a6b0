-- A grade from before phase 3 has no known grader: one that is named was made up.
SELECT id FROM assessment_submission WHERE graded_by_id IS NOT NULL OR graded_at IS NOT NULL
