ALTER TABLE "runs" ADD COLUMN "settings" jsonb;--> statement-breakpoint
UPDATE "runs" SET "settings" = "services"."settings" FROM "services" WHERE "services"."id" = "runs"."service_id";--> statement-breakpoint
ALTER TABLE "runs" ALTER COLUMN "settings" SET NOT NULL;
