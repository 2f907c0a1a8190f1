//! Places of tasks in the navigation.

use crate::place::Place;
use domain::paths;

pub const PLACES: &[Place] = &[
    Place::form("new_task", "/new/task", "Add a task", "tasks").keys("c t").add(10, "Task"),
    Place::page("tasks", paths::TASKS, "Tasks", "tasks").keys("g k").sidebar(30).tab(3),
    Place::page("task_board", "/tasks?as=board", "Tasks as a board", "tasks"),
];
