"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

byte_ordered = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
row_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """All tables."""
    op.create_table(
        "accounts",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("shown_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_accounts"),
        sa.UniqueConstraint("name", name="uq_accounts_name"),
    )
    op.create_table(
        "audit",
        sa.Column("n", row_number, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_audit"),
    )
    op.create_index("ix_audit_at_ms", "audit", ["at_ms"], unique=False)
    op.create_table(
        "counters",
        sa.Column("scope", byte_ordered, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "name", name="pk_counters"),
        postgresql_with={"fillfactor": 50},
        sqlite_with_rowid=False,
    )
    op.create_table(
        "heads",
        sa.Column("channel", byte_ordered, nullable=False),
        sa.Column("top", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name="pk_heads"),
        postgresql_with={"fillfactor": 50},
        sqlite_with_rowid=False,
    )
    op.create_table(
        "keys",
        sa.Column("scoped", byte_ordered, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("reply", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scoped", name="pk_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_keys_at_ms", "keys", ["at_ms"], unique=False)
    op.create_table(
        "log",
        sa.Column("channel", byte_ordered, nullable=False),
        sa.Column("offset", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "offset", name="pk_log"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )
    op.create_table(
        "minutes",
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("minute", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("online", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("session", "minute", name="pk_minutes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "regions",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["regions.code"], name="fk_regions_parent_regions"),
        sa.PrimaryKeyConstraint("code", name="pk_regions"),
    )
    op.create_index("ix_regions_parent", "regions", ["parent"], unique=False)
    op.create_table(
        "revocations",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("before_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_revocations"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "enterprises",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("industry", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["region"], ["regions.code"], name="fk_enterprises_region_regions"),
        sa.PrimaryKeyConstraint("id", name="pk_enterprises"),
    )
    op.create_table(
        "fairs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["region"], ["regions.code"], name="fk_fairs_region_regions"),
        sa.PrimaryKeyConstraint("id", name="pk_fairs"),
    )
    op.create_table(
        "grants",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["accounts.person"], name="fk_grants_person_accounts"),
        sa.PrimaryKeyConstraint("person", "role", "scope", name="pk_grants"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "positions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["enterprise"], ["enterprises.id"], name="fk_positions_enterprise_enterprises"),
        sa.ForeignKeyConstraint(["region"], ["regions.code"], name="fk_positions_region_regions"),
        sa.PrimaryKeyConstraint("id", name="pk_positions"),
    )
    op.create_index("ix_positions_enterprise", "positions", ["enterprise"], unique=False)
    op.create_table(
        "venues",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("fair", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["fair"], ["fairs.id"], name="fk_venues_fair_fairs"),
        sa.ForeignKeyConstraint(["region"], ["regions.code"], name="fk_venues_region_regions"),
        sa.PrimaryKeyConstraint("id", name="pk_venues"),
    )
    op.create_index("ix_venues_fair", "venues", ["fair"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("fair", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("starts_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("live_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("shelf_revision", sa.Integer(), nullable=False),
        sa.Column("card", sa.LargeBinary(), nullable=True),
        sa.Column("undo", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["fair"], ["fairs.id"], name="fk_sessions_fair_fairs"),
        sa.ForeignKeyConstraint(["region"], ["regions.code"], name="fk_sessions_region_regions"),
        sa.ForeignKeyConstraint(["venue"], ["venues.id"], name="fk_sessions_venue_venues"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index("ix_sessions_fair", "sessions", ["fair"], unique=False)
    op.create_index("ix_sessions_region", "sessions", ["region"], unique=False)
    op.create_table(
        "applications",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("phone_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("for_whom_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("reached_intent", sa.Boolean(), nullable=False),
        sa.Column("applied_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["position"], ["positions.id"], name="fk_applications_position_positions"),
        sa.ForeignKeyConstraint(["session"], ["sessions.id"], name="fk_applications_session_sessions"),
        sa.PrimaryKeyConstraint("id", name="pk_applications"),
        sa.UniqueConstraint(
            "phone_hmac", "position", "for_whom_hmac", name="uq_applications_phone_hmac_position_for_whom_hmac"
        ),
        sa.UniqueConstraint("receipt", name="uq_applications_receipt"),
    )
    op.create_index("ix_applications_enterprise", "applications", ["enterprise", "applied_at_ms", "id"], unique=False)
    op.create_index("ix_applications_person", "applications", ["person", "applied_at_ms"], unique=False)
    op.create_table(
        "shelf_slots",
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["position"], ["positions.id"], name="fk_shelf_slots_position_positions"),
        sa.ForeignKeyConstraint(["session"], ["sessions.id"], name="fk_shelf_slots_session_sessions"),
        sa.PrimaryKeyConstraint("session", "number", name="pk_shelf_slots"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_shelf_slots_position", "shelf_slots", ["position"], unique=False)
    op.create_table(
        "application_steps",
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application"], ["applications.id"], name="fk_application_steps_application_applications"
        ),
        sa.PrimaryKeyConstraint("application", "n", name="pk_application_steps"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """No tables, and nothing of what was in them."""
    op.drop_table("application_steps")
    op.drop_table("shelf_slots")
    op.drop_table("applications")
    op.drop_table("sessions")
    op.drop_table("venues")
    op.drop_table("positions")
    op.drop_table("grants")
    op.drop_table("fairs")
    op.drop_table("enterprises")
    op.drop_table("revocations")
    op.drop_table("regions")
    op.drop_table("minutes")
    op.drop_table("meta")
    op.drop_table("log")
    op.drop_table("keys")
    op.drop_table("heads")
    op.drop_table("counters")
    op.drop_table("audit")
    op.drop_table("accounts")
