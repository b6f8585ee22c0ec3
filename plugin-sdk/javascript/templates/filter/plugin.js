import { filter, drop, modify, settings } from "nightbell-plugin";

// One verdict per event; saying nothing keeps it.
export default filter((event) => {
  const { muted_teams: muted = [] } = settings();
  const team = event.labels.team;
  if (muted.includes(team)) return drop(`${team} is muted`);
  if (team === undefined) return modify({ setLabels: { team: "ops" } });
});
