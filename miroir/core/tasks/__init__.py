"""Tasks as clients see them: values, and pure functions over them. Who keeps and follows them is `cluster.tasks`."""
