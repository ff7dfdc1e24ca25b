ALTER TABLE "attempts" ADD COLUMN "report" jsonb;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "checks" jsonb;