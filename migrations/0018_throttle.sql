-- Throttling by what is tried and by whom, browsers that signed in before, sign-ups that wait for their proof by mail, and
-- the key that an account's address is found by.
--
-- All three tables are unsharded: whoever signs in or up is in no workspace yet. The restricted role reaches none of them.
set lock_timeout = '2s';

-- A row per budget that somebody has drawn on, instead of one per attempt: `level` runs down with the time since `at`, so a
-- row that has run down says nothing and is swept. The key is a hash; neither addresses nor accounts can be read in it.
drop table sign_in_attempts;
create table throttle (
    key bytea primary key,
    budget text not null,
    level double precision not null,
    at timestamptz not null
);
create index throttle_age on throttle (at);

-- The cookie holds the token, the table its hash. A known device opens nothing: it only has a budget of its own.
create table known_devices (
    token_hash bytea primary key,
    user_id uuid not null references users (id),
    created_at timestamptz not null default now(),
    used_at timestamptz not null default now()
);
create index known_devices_user on known_devices (user_id, used_at);

-- Nothing is reserved for an address that was not proved, and no password is kept for it: it is asked for behind the link.
create table sign_ups (
    token_hash bytea primary key,
    email text not null,
    -- Asked for behind an invitation: its link must come along again.
    invitation_hash bytea,
    language text not null,
    expires_at timestamptz not null
);
create index sign_ups_expiry on sign_ups (expires_at);

-- Two addresses that a person could not tell apart have one key (`domain::addresses`). It is filled by the program, which
-- knows Unicode; the younger of two accounts that share one keeps none and is found by its exact address alone.
alter table users add column email_key text;
create unique index users_email_key_key on users (email_key);
