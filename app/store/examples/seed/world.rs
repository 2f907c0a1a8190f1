//! What is there before anything is made: the workspace, its owner, its pipeline; and who and what will be made first.

use super::{
    Failure,
    dice::{DAY, Dice, HOUR, Moment},
    words,
};
use domain::{Currency, EntityKind};
use sqlx::PgConnection;
use store::Actor;
use uuid::Uuid;

/// A stage of the pipeline that the deals go through.
pub struct Stage {
    pub id: Uuid,
    pub name: String,
    pub probability: i32,
    pub outcome: String,
    pub days: i32,
    /// The lowest key of its cards, below which ours go.
    pub last_rank: Option<String>,
}

pub struct Member {
    pub id: Uuid,
    pub name: String,
    /// Place in the list of teams.
    pub team: usize,
    weight: u32,
}

pub struct World {
    pub workspace: Uuid,
    pub currency: Currency,
    pub now: Moment,
    /// When it all began.
    pub start: Moment,
    pub seed: u64,
    pub pipeline: Uuid,
    pub stages: Vec<Stage>,
    /// The first is the owner of the workspace, who is there already.
    pub members: Vec<Member>,
    pub teams: Vec<Uuid>,
    pub products: Vec<Uuid>,
    pub tags: Vec<Uuid>,
}

impl World {
    pub async fn read(conn: &mut PgConnection, actor: &Actor, seed: u64) -> Result<Self, Failure> {
        type Row = (Uuid, Uuid, String, i32, String, Option<i32>, Option<String>);
        let stages: Vec<Row> = sqlx::query_as(
            "select s.pipeline_id, s.id, s.name, s.probability, s.outcome, s.expected_days,
                (select max(d.rank) from deals d where d.workspace_id = $1 and d.stage_id = s.id and d.deleted_at is null)
             from stages s where s.workspace_id = $1 and s.deleted_at is null
                and s.pipeline_id = (select id from pipelines where workspace_id = $1 and deleted_at is null order by created_at, id limit 1)
             order by s.position, s.id",
        )
        .bind(actor.workspace)
        .fetch_all(&mut *conn)
        .await?;
        let pipeline = stages.first().ok_or("the workspace has no pipeline with stages")?.0;
        if !stages.iter().any(|s| s.4 == "open") {
            return Err("the pipeline has no open stage".into());
        }
        let me: String = sqlx::query_scalar("select name from members where workspace_id = $1 and id = $2")
            .bind(actor.workspace)
            .bind(actor.member)
            .fetch_one(&mut *conn)
            .await?;
        let now = chrono::Utc::now().timestamp_micros();
        let mut world = Self {
            workspace: actor.workspace.0,
            currency: actor.currency,
            now,
            start: now - 5 * 365 * DAY,
            seed,
            pipeline,
            stages: stages
                .into_iter()
                .map(|(_, id, name, probability, outcome, days, last_rank)| Stage {
                    id,
                    name,
                    probability,
                    outcome,
                    days: days.filter(|d| *d > 0).unwrap_or(14),
                    last_rank,
                })
                .collect(),
            members: vec![Member { id: actor.member.0, name: me, team: 0, weight: 16 }],
            teams: Vec::new(),
            products: Vec::new(),
            tags: Vec::new(),
        };
        let ids = |world: &World, kind, count| (0..count).map(|n| world.id(kind, n, world.setup_at(kind, n))).collect();
        world.teams = ids(&world, EntityKind::Team, words::TEAMS.len());
        world.products = ids(&world, EntityKind::Product, words::PRODUCTS.len());
        world.tags = ids(&world, EntityKind::Tag, words::TAGS.len());
        for (n, (name, weight)) in words::MEMBERS.iter().enumerate() {
            let id = world.id(EntityKind::Member, n, world.setup_at(EntityKind::Member, n));
            world.members.push(Member { id, name: (*name).into(), team: (n + 1) % words::TEAMS.len(), weight: *weight });
        }
        Ok(world)
    }

    /// When a team, member, product or tag was made: in the first days, one after the other.
    pub fn setup_at(&self, kind: EntityKind, n: usize) -> Moment {
        self.start - 3 * DAY + kind_number(kind) as Moment * HOUR + n as Moment * 60_000_000
    }

    /// The stream of a record, or of a part of it.
    pub fn dice(&self, kind: EntityKind, n: usize, part: u64) -> Dice {
        Dice::of(&[self.seed, kind_number(kind), n as u64, part])
    }

    /// A UUID of version 7 of the moment, so that ids have the order of what happened; below a millisecond too.
    pub fn id_of(&self, at: Moment, dice: &mut Dice) -> Uuid {
        let (left, right) = self.workspace.as_u64_pair();
        let mut random = [0u8; 10];
        let fraction = at.rem_euclid(1000) * 4096 / 1000;
        random[..2].copy_from_slice(&(fraction as u16).to_be_bytes());
        random[2..].copy_from_slice(&(dice.next() ^ left ^ right.rotate_left(17)).to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(at.div_euclid(1000).unsigned_abs(), &random).into_uuid()
    }

    pub fn id(&self, kind: EntityKind, n: usize, at: Moment) -> Uuid {
        self.id_of(at, &mut self.dice(kind, n, 1))
    }

    /// Somebody, by the share of the records that each has.
    pub fn anybody(&self, dice: &mut Dice) -> u8 {
        let mut left = dice.below(self.members.iter().map(|m| m.weight as usize).sum());
        let at = self.members.iter().position(|m| {
            let here = left < m.weight as usize;
            left = left.saturating_sub(m.weight as usize);
            here
        });
        at.unwrap_or(0) as u8
    }

    /// Somebody in the team of a member.
    pub fn teammate(&self, of: u8, dice: &mut Dice) -> u8 {
        let team = self.members[usize::from(of)].team;
        let mates: Vec<u8> = (0..self.members.len() as u8).filter(|m| self.members[usize::from(*m)].team == team).collect();
        mates[dice.below(mates.len())]
    }
}

pub fn kind_number(kind: EntityKind) -> u64 {
    EntityKind::ALL.iter().position(|k| *k == kind).unwrap_or(0) as u64
}
