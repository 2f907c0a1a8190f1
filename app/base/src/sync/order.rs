//! Which changes wait behind which: a change that is set aside holds up those of the same record and nothing else.

use super::outbox::{Job, What};
use domain::CommandId;
use serde_json::Value;
use uuid::Uuid;

fn command(job: &Job) -> Option<&Value> {
    match &job.what {
        What::Send(command) => Some(command),
        What::Undo(_) => None,
    }
}

fn verb(job: &Job) -> &str {
    command(job).and_then(|c| c["do"].as_str()).unwrap_or_default()
}

/// All ids in a command.
fn ids(value: &Value, into: &mut Vec<Uuid>) {
    match value {
        Value::String(text) if text.len() == 36 => into.extend(text.parse::<Uuid>().ok()),
        Value::Array(all) => all.iter().for_each(|v| ids(v, into)),
        Value::Object(all) => all.values().for_each(|v| ids(v, into)),
        _ => {}
    }
}

fn mentioned(job: &Job) -> Vec<Uuid> {
    let mut all = vec![job.entity];
    if let Some(command) = command(job) {
        ids(command, &mut all);
    }
    all.retain(|id| !id.is_nil());
    all
}

/// The records a change is about. What a field points at is not changed by it; a merging changes both.
fn touched(job: &Job) -> Vec<Uuid> {
    match verb(job) {
        "create" | "edit" | "delete" | "restore" | "move_deal" | "snooze" | "" => vec![job.entity].into_iter().filter(|id| !id.is_nil()).collect(),
        _ => mentioned(job),
    }
}

/// The record that is not there before this change is saved.
fn made(job: &Job) -> Option<Uuid> {
    (verb(job) == "create").then_some(job.entity)
}

/// Without the earlier one the later one has nothing to be about.
fn rests_on(later: &Job, earlier: &Job) -> bool {
    made(earlier).is_some_and(|id| mentioned(later).contains(&id))
}

fn waits_behind(later: &Job, earlier: &Job) -> bool {
    // One's own settings have no record: the same setting is the same thing.
    let setting = later.entity.is_nil() && earlier.entity.is_nil() && !verb(later).is_empty() && verb(later) == verb(earlier);
    setting || rests_on(later, earlier) || touched(earlier).iter().any(|id| touched(later).contains(id))
}

/// A later edit of the fields that an earlier one set. The server took the earlier one, so nobody else changed them in between,
/// whatever else of the record was changed.
pub(super) fn same_fields(later: &Job, earlier: &Job) -> bool {
    let set = |job| command(job).filter(|_| verb(job) == "edit").and_then(|c| c["set"].as_object());
    later.entity == earlier.entity
        && later.base >= earlier.base
        && set(later).zip(set(earlier)).is_some_and(|(later, earlier)| later.keys().all(|key| earlier.contains_key(key)))
}

/// Of changes in order, each with whether it is set aside: which cannot be sent now, for themselves or for one before them.
pub(super) fn held<'a>(jobs: impl Iterator<Item = (&'a Job, bool)>) -> Vec<bool> {
    let mut stuck: Vec<&Job> = Vec::new();
    jobs.map(|(job, aside)| {
        let is = aside || stuck.iter().any(|earlier| waits_behind(job, earlier));
        if is {
            stuck.push(job);
        }
        is
    })
    .collect()
}

/// What goes with a change that is discarded, in order, the change itself left out.
pub(super) fn resting_on<'a>(jobs: impl Iterator<Item = &'a Job>, discarded: CommandId) -> Vec<CommandId> {
    let mut gone: Vec<&Job> = Vec::new();
    for job in jobs {
        if job.id == discarded || gone.iter().any(|earlier| rests_on(job, earlier)) {
            gone.push(job);
        }
    }
    gone.iter().map(|job| job.id).filter(|id| *id != discarded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{DealCommand, DealId, EntityKind, EventId, FieldMap, RecordCommand, StageId, TagCommand, TodayCommand, deals::Place};

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn edit(kind: EntityKind, n: u128, key: &str, value: Value) -> Job {
        Job::send(&RecordCommand::Edit { kind, id: id(n), set: FieldMap::from_iter([(key.to_owned(), value)]) }, Some(1))
    }

    fn create(kind: EntityKind, n: u128, key: &str, value: Value) -> Job {
        Job::send(&RecordCommand::Create { kind, id: id(n), set: FieldMap::from_iter([(key.to_owned(), value)]) }, None)
    }

    fn held_of(jobs: &[(Job, bool)]) -> Vec<bool> {
        held(jobs.iter().map(|(job, aside)| (job, *aside)))
    }

    #[test]
    fn what_touches_another_record_goes_on() {
        let jobs = [
            (edit(EntityKind::Contact, 1, "jobTitle", "Boss".into()), true),
            (edit(EntityKind::Contact, 2, "jobTitle", "Boss".into()), false),
            (edit(EntityKind::Contact, 1, "location", "Rome".into()), false),
            // Points at the record and leaves it as it is.
            (create(EntityKind::Task, 3, "contactId", id(1).to_string().into()), false),
        ];
        assert_eq!(held_of(&jobs), [true, false, true, false]);
    }

    #[test]
    fn an_edit_of_the_same_fields_rests_on_the_one_before_it() {
        let first = edit(EntityKind::Contact, 1, "jobTitle", "Boss".into());
        assert!(same_fields(&edit(EntityKind::Contact, 1, "jobTitle", "Chief".into()), &first));
        assert!(!same_fields(&edit(EntityKind::Contact, 1, "location", "Rome".into()), &first));
        assert!(!same_fields(&edit(EntityKind::Contact, 2, "jobTitle", "Chief".into()), &first));
        assert!(!same_fields(&Job { base: Some(0), ..edit(EntityKind::Contact, 1, "jobTitle", "Chief".into()) }, &first));
        assert!(!same_fields(&Job::send(&RecordCommand::Delete { kind: EntityKind::Contact, id: id(1) }, Some(1)), &first));
    }

    #[test]
    fn what_points_at_a_record_that_could_not_be_made_waits_and_goes_with_it() {
        let jobs = [
            create(EntityKind::Contact, 1, "firstName", "Ana".into()),
            create(EntityKind::Task, 2, "contactId", id(1).to_string().into()),
            edit(EntityKind::Task, 2, "title", "Ring".into()),
            create(EntityKind::Task, 3, "title", "Other".into()),
            edit(EntityKind::Contact, 1, "location", "Rome".into()),
        ];
        let flagged: Vec<(Job, bool)> = jobs.iter().enumerate().map(|(i, job)| (job.clone(), i == 0)).collect();
        assert_eq!(held_of(&flagged), [true, true, true, false, true]);
        assert_eq!(resting_on(jobs.iter(), jobs[0].id), [jobs[1].id, jobs[2].id, jobs[4].id]);
        // An edit is no ground to stand on: what was changed later is about the record.
        assert_eq!(resting_on(jobs.iter(), jobs[4].id), []);
    }

    #[test]
    fn a_merging_touches_both_tags_and_a_setting_itself() {
        let jobs = [
            (edit(EntityKind::Tag, 1, "name", "VIP".into()), true),
            (Job::send(&TagCommand::MergeTags { from: id(1), into: id(2) }, None), false),
            (Job::send(&TodayCommand::SetWeights { warmth: 1, time: 2 }, None), true),
            (Job::send(&TodayCommand::CloseFirstSteps { closed: true }, None), false),
            (Job::send(&TodayCommand::SetWeights { warmth: 3, time: 2 }, None), false),
        ];
        assert_eq!(held_of(&jobs), [true, true, true, false, true]);
    }

    #[test]
    fn a_move_waits_for_its_own_card_alone_and_undoing_for_its_record() {
        let card =
            |n: u128, place: Place| Job::send(&DealCommand::MoveDeal { deal: DealId(id(n)), stage: StageId(id(9)), place, reason: None }, Some(1));
        let jobs = [
            (card(1, Place::Top), true),
            (card(2, Place::Before { deal: DealId(id(1)) }), false),
            (card(1, Place::Bottom), false),
            (Job::undo(EventId::new()), false),
            (Job { entity: id(1), ..Job::undo(EventId::new()) }, false),
        ];
        assert_eq!(held_of(&jobs), [true, false, true, false, true]);
    }
}
