// The second window.
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { PulseWindow } from "./PulseWindow";
import "./style.css";

createRoot(document.querySelector("#app")!).render(createElement(PulseWindow));
