import { router, settings } from "nightbell-plugin";

// One decision per event; saying nothing leaves it to the next router.
export default router((event) => {
  const { sandbox = "sandbox" } = settings();
  switch (event.labels.environment) {
    case undefined:
      return null;
    case "production":
      return { urgency: "high" };
    default:
      return { service: sandbox, urgency: "low" };
  }
});
