CREATE TABLE "kept_log_chunks" (
	"log_id" bigint NOT NULL,
	"offset" bigint NOT NULL,
	"day" date NOT NULL,
	"bytes" integer NOT NULL,
	"lines" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"data" "bytea" NOT NULL,
	CONSTRAINT "kept_log_chunks_log_id_offset_day_pk" PRIMARY KEY("log_id","offset","day")
) PARTITION BY RANGE ("day");
--> statement-breakpoint
-- Compressed already: the database need not try again.
ALTER TABLE "kept_log_chunks" ALTER COLUMN "data" SET STORAGE EXTERNAL;
--> statement-breakpoint
CREATE TABLE "log_chunks" (
	"log_id" bigint NOT NULL,
	"offset" bigint NOT NULL,
	"day" date NOT NULL,
	"bytes" integer NOT NULL,
	"lines" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"data" "bytea" NOT NULL,
	CONSTRAINT "log_chunks_log_id_offset_day_pk" PRIMARY KEY("log_id","offset","day")
) PARTITION BY RANGE ("day");
--> statement-breakpoint
-- Compressed already: the database need not try again.
ALTER TABLE "log_chunks" ALTER COLUMN "data" SET STORAGE EXTERNAL;
--> statement-breakpoint
CREATE TABLE "logs" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "logs_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" text NOT NULL,
	"source" text NOT NULL,
	"raw" bigint DEFAULT 0 NOT NULL,
	"size" bigint DEFAULT 0 NOT NULL,
	"lines" bigint DEFAULT 0 NOT NULL,
	"capped" boolean DEFAULT false NOT NULL,
	"target_id" integer,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "logs_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "replica_log_keeper" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"server" text NOT NULL,
	"until" timestamp with time zone NOT NULL,
	CONSTRAINT "replica_log_keeper_one" CHECK ("replica_log_keeper"."one")
);
--> statement-breakpoint
ALTER TABLE "deployments" ADD COLUMN "log_key" text;--> statement-breakpoint
ALTER TABLE "logs" ADD CONSTRAINT "logs_target_id_targets_id_fk" FOREIGN KEY ("target_id") REFERENCES "public"."targets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "logs_target" ON "logs" USING btree ("target_id","id") WHERE "logs"."target_id" is not null;