// Wakes nobody for environments where nothing is urgent.

import { filter, keep, modify, settings, suppress } from "nightbell-plugin";

export default filter((event) => {
  const { quiet = ["staging"] } = settings();
  const environment = event.labels.environment;
  if (!quiet.includes(environment)) return keep();
  if (event.severity === "critical") return modify({ setLabels: { quiet: "overruled" } });
  // The reason stands beside the event for whoever asks why nobody was paged.
  return suppress(`${environment} is a quiet environment`);
});
