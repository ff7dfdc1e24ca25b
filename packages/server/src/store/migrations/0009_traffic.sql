CREATE TABLE "traffic_instances" (
	"instance" text PRIMARY KEY NOT NULL,
	"looked_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "traffic_seen" (
	"instance" text NOT NULL,
	"release_id" integer NOT NULL,
	"since" integer NOT NULL,
	"requests" bigint NOT NULL,
	"service_errors" bigint NOT NULL,
	"router_errors" bigint NOT NULL,
	"broken" bigint NOT NULL,
	"aborted" bigint NOT NULL,
	"streams" bigint NOT NULL,
	"latencies" "bytea" NOT NULL,
	CONSTRAINT "traffic_seen_instance_release_id_pk" PRIMARY KEY("instance","release_id")
);
--> statement-breakpoint
CREATE TABLE "traffic_series" (
	"release_id" integer NOT NULL,
	"seconds" integer NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"requests" bigint NOT NULL,
	"service_errors" bigint NOT NULL,
	"router_errors" bigint NOT NULL,
	"broken" bigint NOT NULL,
	"aborted" bigint NOT NULL,
	"streams" bigint NOT NULL,
	"latencies" "bytea" NOT NULL,
	CONSTRAINT "traffic_series_release_id_seconds_at_pk" PRIMARY KEY("release_id","seconds","at")
);
--> statement-breakpoint
ALTER TABLE "traffic_seen" ADD CONSTRAINT "traffic_seen_instance_traffic_instances_instance_fk" FOREIGN KEY ("instance") REFERENCES "public"."traffic_instances"("instance") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "traffic_series_time" ON "traffic_series" USING btree ("seconds","at");