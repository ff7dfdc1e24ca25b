CREATE TABLE "request_keys" (
	"actor" text NOT NULL,
	"key" text NOT NULL,
	"request" "bytea" NOT NULL,
	"answer" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "request_keys_actor_key_pk" PRIMARY KEY("actor","key")
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"token_id" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "targets" ADD COLUMN "health" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_token_id_tokens_id_fk" FOREIGN KEY ("token_id") REFERENCES "public"."tokens"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "request_keys_created" ON "request_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "sessions_expires" ON "sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "deployments_status" ON "deployments" USING btree ("status","id");--> statement-breakpoint
CREATE INDEX "deployments_created" ON "deployments" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "deployments_run" ON "deployments" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "events_name" ON "events" USING btree ("name","id");--> statement-breakpoint
CREATE INDEX "events_at" ON "events" USING btree ("at");--> statement-breakpoint
CREATE INDEX "runs_status" ON "runs" USING btree ("status","id");--> statement-breakpoint
CREATE INDEX "runs_branch" ON "runs" USING btree ("branch","id");--> statement-breakpoint
CREATE INDEX "runs_author" ON "runs" USING btree ("author","id");--> statement-breakpoint
CREATE INDEX "runs_created" ON "runs" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "stages_environment" ON "stages" USING btree (("plan"->>'environment'),"run_id");