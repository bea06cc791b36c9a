// What the program says, put on the page as text. Nothing is kept.
"use strict";

const at = (id) => document.getElementById(id);
const rate = (often) => (often ? often.toFixed(1) : "–");
const percent = (share) => `${Math.round(100 * share)}%`;

function make(tag, text = "", name = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = name;
  return element;
}

function bar(share) {
  const part = make("dd", "", "bar");
  part.append(document.createElement("i"));
  part.firstChild.style.width = percent(share);
  return part;
}

function answer(face, said) {
  const item = document.createElement("li");
  item.append(make("h2", `Face ${face.number}`));
  if (!face.shares.length) {
    const waits = said.frames > face.held ? `${face.held} of ${said.frames} frames` : "…";
    item.append(make("p", `Waiting: ${waits}`, "answer"));
    return item;
  }
  const best = face.shares.indexOf(Math.max(...face.shares));
  item.append(make("p", said.labels[best], "answer"));
  const list = document.createElement("dl");
  face.shares.forEach((share, label) => {
    list.append(make("dt", said.labels[label], label === best ? "best" : ""), bar(share), make("dd", percent(share), "share"));
  });
  item.append(list);
  return item;
}

function show(said) {
  at("network").textContent = said.network;
  at("source").textContent = said.source;
  at("attention").disabled = said.silent !== "";
  at("attention").title = said.silent || "Grad-CAM: what raised the answer's score, the brighter the more";
  at("attention").setAttribute("aria-checked", String(said.attention));
  at("trouble").hidden = !said.trouble;
  at("trouble").textContent = said.trouble;
  at("faces").replaceChildren(...said.faces.map((face) => answer(face, said)));
  at("none").hidden = said.faces.length > 0;
  at("none").textContent = "No face in view. A face is shown once it has moved a little.";
  const parts = [
    `${rate(said.frames_a_second)} frames a second`,
    `${rate(said.answers_a_second)} answers a second`,
    said.frames > 1 ? `each from a face's last ${said.frames} frames` : "each from one frame",
  ];
  at("rates").textContent = parts.join(" · ");
}

at("attention").addEventListener("click", () => {
  const wanted = at("attention").getAttribute("aria-checked") === "true" ? "off" : "on";
  fetch(`attention/${wanted}`, { method: "POST" });
});

const answers = new EventSource("answers");
answers.onmessage = (event) => show(JSON.parse(event.data));
answers.onerror = () => {
  answers.close();
  at("trouble").hidden = false;
  at("trouble").textContent = "The program has ended. Start it again and reload this page.";
};
